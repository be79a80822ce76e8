"""Every code block of README.md and docs/ does what its page says.

The default run goes through each walk with the packages of this environment. Blocks of the guides
for moving from another package are run where that package is (tests/importers). `make test-wheel`
also follows the walks that begin with an installation from there, and the tutorials with what
their readers have installed by then and nothing else; `make test-typescript` the one in TypeScript.
"""

import json
import os
import re
import time

import pytest

from tests.docs.pages import KINDS, ROOT, Block, Walk, pages
from tests.docs.shell import Failed
from tests.docs.walks import matches, matches_json, without_mails

PAGES = pages()
# A run on another service repeats no walk that does not need it.
SERVICES = {
    os.environ.get("TOTP_TEST_DATABASE", "sqlite"),
    os.environ.get("TOTP_TEST_CACHE", "locmem"),
}
WALKS = [
    walk for page in PAGES for walk in page.walks if {walk.mark or "sqlite", "locmem"} == SERVICES
]
INSTALLING = [
    walk
    for page in PAGES
    for walk in page.walks
    if walk.blocks[0].kind == "bash install" and not walk.start
]
DEPLOYED = [
    walk for page in PAGES for walk in page.walks if walk.mark in {"postgres", "deployment"}
]
TAUGHT = ("docs/tutorials/", "docs/how-to/own-login-view.md")
TUTORIALS = [
    walk
    for page in PAGES
    for walk in page.walks
    if page.path.startswith(TAUGHT) and walk.mark != "typescript"
]
FRONTEND = [walk for page in PAGES for walk in page.walks if walk.mark == "typescript"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
def test_every_block_says_what_it_is_for(page):
    unknown = [f"{block} {block.kind!r}" for block in page.blocks if block.kind not in KINDS]

    assert unknown == []


def test_nothing_to_look_at_is_a_command_or_a_program():
    texts = [block for page in PAGES for block in page.blocks if block.kind == "text"]
    typed = re.compile(r"^(\$|python|pip|make|cd|curl|import|from) ", re.MULTILINE)

    assert [str(block) for block in texts if typed.search(block.text)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
def test_no_block_is_indented(page):
    indented = [str(block) for block in page.blocks if block.indent]

    assert indented == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
def test_every_file_has_a_name(page):
    nameless = [
        str(block)
        for block in page.blocks
        if bool(block.title) != (block.kind in {"nginx", "python", "python append", "ts", "tsx"})
    ]

    assert nameless == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
def test_what_is_shown_of_the_example_is_in_it(page):
    shown = [block for block in page.blocks if block.kind in {"ts", "tsx"}]

    assert [
        str(block)
        for block in shown
        if block.text not in (ROOT / "examples/typescript" / block.title).read_text()
    ] == []


@pytest.mark.slow
@pytest.mark.parametrize("walk", WALKS, ids=str)
def test_every_block_does_what_its_page_says(walk, visitor):
    visitor.follow(walk.blocks)


@pytest.mark.slow
@pytest.mark.typescript
@pytest.mark.parametrize("walk", FRONTEND, ids=str)
def test_a_newcomer_completes_a_tutorial_with_a_frontend(walk, learner):
    learner.follow(walk.blocks)


@pytest.mark.slow
@pytest.mark.deployment
@pytest.mark.parametrize("walk", DEPLOYED, ids=str)
def test_every_block_on_deploying_does_what_its_page_says(walk, visitor):
    visitor.follow(walk.blocks)


@pytest.mark.slow
@pytest.mark.packaging
@pytest.mark.parametrize("walk", INSTALLING, ids=str)
def test_a_newcomer_gets_there_from_a_clone(walk, learner):
    learner.follow(walk.blocks[len(walk.until_the_server()) :])


@pytest.mark.slow
@pytest.mark.packaging
@pytest.mark.parametrize("walk", TUTORIALS, ids=str)
def test_a_newcomer_completes_a_tutorial(walk, learner):
    learner.follow(walk.blocks)


def test_every_tutorial_is_followed_from_a_clone():
    followed = {walk.page for walk in TUTORIALS + FRONTEND}

    tutorials = {page.path for page in PAGES if page.path.startswith("docs/tutorials/")}
    assert followed == tutorials | {"docs/how-to/own-login-view.md"}
    assert {walk.start for walk in TUTORIALS + FRONTEND} <= {
        walk.page if walk.name == "page" else str(walk) for walk in INSTALLING
    }


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("…", ["anything"]),
        ("otpauth://…", "otpauth://totp/x"),
        ({"a": "…"}, {"a": 1}),
        (["x", "…"], ["x", "y", "z"]),
        (["x", "…"], ["x"]),
        (None, None),
    ],
)
def test_an_ellipsis_stands_for_what_varies(shown, printed):
    assert matches_json(shown, json.loads(json.dumps(printed)))


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ({"a": "…"}, {"a": 1, "b": 2}),
        ({"a": "…", "b": "…"}, {"a": 1}),
        (["…"], {}),
        ("otpauth://…", "https://x"),
        (["x", "…"], ["y"]),
        (["x"], ["x", "y"]),
        (1, True),
        (9, 8),
    ],
)
def test_an_answer_of_another_form_is_noticed(shown, printed):
    assert not matches_json(shown, printed)


def test_an_ellipsis_in_an_output_stands_for_the_rest_of_a_line():
    assert matches("a … c\nd", "a b c\nd\n")
    assert not matches("a … d", "a b\nc d")


@pytest.mark.parametrize("first", ["Content-Type: text/plain", "MIME-Version: 1.0"])
def test_a_mail_in_the_terminal_is_no_part_of_an_output(first):
    mail = f"{first}\nSubject: x\n\nIt is on.\n{'-' * 79}\n"

    assert without_mails(f"10\n{mail}True\n{mail}") == "10\nTrue\n"
    assert without_mails("Content-Type: text/plain\nTrue\n") == "Content-Type: text/plain\nTrue\n"


def block(kind, text):
    return Block(page="docs/made-up.md", line=7, indent="", kind=kind, title="", text=text)


@pytest.mark.parametrize("walk", [Walk("docs/made-up.md", "page")], ids=str)
@pytest.mark.parametrize(
    "blocks",
    [
        [block("bash", "false\n")],
        [block("bash", "false | true\n")],
        [block("bash", "echo one\n"), block("text output", "two\n")],
        [block("bash", "echo '{}'\n"), block("json response", '{"a": 1}\n')],
        [block("bash", "echo one\n"), block("json response", "{}\n")],
    ],
    ids=lambda blocks: blocks[-1].text.strip(),
)
def test_what_goes_wrong_is_reported_with_its_page_and_line(blocks, visitor):
    with pytest.raises(Failed, match=r"docs/made-up\.md:7"):
        visitor.follow(blocks)


@pytest.mark.parametrize("walk", [Walk("docs/made-up.md", "page")], ids=str)
def test_a_walk_that_fails_leaves_no_server_behind(walk, visitor):
    visitor.follow([block("bash server", "python -m http.server --bind 127.0.0.1 $UVICORN_PORT\n")])
    shell = visitor._shell
    answered = shell._answers()
    with pytest.raises(Failed):
        visitor.follow([block("bash", "false\n")])

    shell._kill()

    deadline = time.monotonic() + 10
    while shell._answers() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert answered
    assert not shell._answers()
