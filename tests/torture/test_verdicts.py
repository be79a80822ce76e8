"""What `make torture` makes of the answers that came: whether it would notice what is wrong."""

import pytest

from torture.verdicts import Answer, Finding, Range, Row, Tally, judged, table

ACCEPTED = Answer(200)
REFUSED = Answer(400, code="invalid_code")
LOST = Answer(0)
GONE = Answer(503, code="unavailable")
BARE = Answer(500)


def test_requests_are_counted_by_how_they_ended():
    tally = Tally.of([ACCEPTED, REFUSED, LOST, GONE, BARE])

    assert tally == Tally(attempts=5, accepted=1, lost=1, server_errors=2)


def test_what_is_as_it_should_be_has_no_complaints():
    finding = judged([ACCEPTED, REFUSED], accepted=1, claims={"the counter is wrong": True})

    assert finding == Finding(Tally(attempts=2, accepted=1), ())


@pytest.mark.parametrize("accepted", [0, 2, Range(2, 3)])
def test_another_number_than_was_expected_is_a_complaint(accepted):
    finding = judged([ACCEPTED, REFUSED], accepted=accepted)

    assert finding.complaints == (f"1 accepted, not {accepted}",)


def test_a_range_holds_both_of_its_ends():
    assert [number in Range(1, 2) for number in range(4)] == [False, True, True, False]
    assert (str(Range(1, 2)), str(Range(1, 1))) == ("1 to 2", "1")


def test_a_claim_that_does_not_hold_is_a_complaint():
    finding = judged([], claims={"a code works twice": False, "nobody is enrolled": True})

    assert finding.complaints == ("a code works twice",)


def test_a_request_without_an_answer_is_a_complaint_unless_it_may_be():
    assert judged([LOST]).complaints == ("1 without an answer",)
    assert judged([LOST], may_lose=True).complaints == ()


def test_a_server_error_is_a_complaint_even_in_the_envelope():
    assert judged([GONE]).complaints == ("1 server errors: 503 unavailable",)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (BARE, "500 without envelope"),
        (Answer(503), "503 without envelope"),
        (Answer(503, code="busy"), "503 busy"),
        (Answer(500, code="unavailable"), "500 unavailable"),
    ],
)
def test_where_a_fault_may_fail_requests_only_a_clear_503_may(answer, kind):
    finding = judged([GONE, answer], may_fail=True)

    assert finding.complaints == (f"1 server errors: {kind}",)


def test_a_row_adds_up_both_doors_and_names_the_one_that_is_wrong():
    good, bad = Finding(Tally(3, 1)), Finding(Tally(3, 2), ("2 accepted, not 1",))

    row = Row.of("sqlite, uvicorn", "replay", {"ninja": good, "drf": bad})

    assert (row.tally, row.verdict) == (Tally(6, 3), "drf: 2 accepted, not 1")


def test_a_row_with_many_complaints_says_how_many_more_there_are():
    row = Row("sqlite", "replay", Tally(), ("a", "b", "c", "d", "e"))

    assert row.verdict == "a; b; c; 2 more"


def test_the_table_has_its_numbers_to_the_right():
    text = table([Row("sqlite", "replay", Tally(60, 2, 0, 0))])

    assert text.splitlines() == [
        "backend  attack  attempts  accepted  lost  5xx  result",
        "sqlite   replay        60         2     0    0  as it should be",
    ]


def test_the_table_can_be_markdown():
    text = table([Row("sqlite", "replay", Tally(60, 2, 0, 0))], markdown=True)

    assert text.splitlines() == [
        "| backend | attack | attempts | accepted | lost | 5xx | result |",
        "| --- | --- | ---: | ---: | ---: | ---: | --- |",
        "| sqlite | replay | 60 | 2 | 0 | 0 | as it should be |",
    ]
