/** The flow against a server that answers as each test says. `npm test` runs these on dist/. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createTotpClient, proofOf } from "../dist/index.js";

const BASE = "https://example.com/api";
const STEP_UP = { code: "second_factor_required", detail: "", max_age: 300 };
const WRONG = { code: "invalid_code", detail: "" };

const json = (status, body, headers = {}) => Response.json(body, { status, headers });

/** A server with answers by path, each used once, the last one again and again. */
function site(answers, options = {}) {
  const asked = [];
  const fetch = async (request) => {
    const path = request.url.replace(BASE, "");
    asked.push({
      path,
      authorization: request.headers.get("Authorization"),
      csrf: request.headers.get("X-CSRFToken"),
      credentials: request.credentials,
      body: await request.text(),
    });
    const left = answers[path];
    if (left === undefined) throw new TypeError("fetch failed");
    const answer = left.length > 1 ? left.shift() : left[0];
    return answer.clone();
  };
  const totp = createTotpClient({ baseUrl: BASE, fetch, ...options });
  return { totp, asked, paths: () => asked.map(({ path }) => path) };
}

const LOGGED_IN = json(200, { step: "logged_in", is_totp_enabled: false, access: "A", refresh: "R" });

test("a login brings the token that later calls show", async () => {
  const { totp, asked } = site({ "/jwt/create/": [LOGGED_IN], "/totp/status/": [json(200, {})] });

  const { data } = await totp.login({ username: "ada", password: "secret" });
  await totp.status();

  assert.equal(data.step, "logged_in");
  assert.deepEqual(
    asked.map(({ authorization, credentials }) => [authorization, credentials]),
    [[null, "omit"], ["Bearer A", "omit"]],
  );
});

test("a refused login is not tried again with another token", async () => {
  const refused = json(401, { code: "invalid_credentials", detail: "" });
  const { totp, paths } = site({ "/jwt/create/": [LOGGED_IN, refused] });
  await totp.login({ username: "ada", password: "secret" });

  const { error } = await totp.login({ username: "ada", password: "wrong" });

  assert.equal(error.code, "invalid_credentials");
  assert.deepEqual(paths(), ["/jwt/create/", "/jwt/create/"]);
});

test("calls whose token has expired renew it once, and are made again", async () => {
  const expired = json(401, { code: "token_not_valid", detail: "" });
  const { totp, asked, paths } = site({
    "/jwt/create/": [LOGGED_IN],
    "/jwt/refresh/": [json(200, { access: "B", refresh: "S" })],
    "/totp/status/": [expired, expired, json(200, { pending: false })],
  });
  await totp.login({ username: "ada", password: "secret" });

  const answers = await Promise.all([totp.status(), totp.status()]);

  assert.deepEqual(answers, [{ data: { pending: false } }, { data: { pending: false } }]);
  assert.equal(paths().filter((path) => path === "/jwt/refresh/").length, 1);
  assert.equal(asked.at(-1).authorization, "Bearer B");
});

test("a refresh token that is refused is forgotten, one that cannot be sent is kept", async () => {
  const expired = json(401, { code: "not_authenticated", detail: "" });
  const answers = { "/jwt/create/": [LOGGED_IN], "/totp/status/": [expired] };
  const { totp, paths } = site(answers);
  await totp.login({ username: "ada", password: "secret" });

  await totp.status(); // nothing answers
  answers["/jwt/refresh/"] = [json(401, { code: "token_not_valid", detail: "" })];
  const { error } = await totp.status();
  await totp.status();

  assert.equal(error.code, "not_authenticated");
  assert.equal(paths().filter((path) => path === "/jwt/refresh/").length, 2);
});

test("no other host is shown the token", async () => {
  const { totp, asked } = site({
    "/jwt/create/": [LOGGED_IN],
    "https://elsewhere.example/": [json(200, {})],
  });
  await totp.login({ username: "ada", password: "secret" });

  await totp.fetch("https://elsewhere.example/");

  assert.equal(asked.at(-1).authorization, null);
});

/** A server whose answers at `path` wait for `release`. */
function slowSite(path, answers) {
  let release;
  const released = new Promise((resolve) => (release = resolve));
  const asked = [];
  const fetch = async (request) => {
    const at = request.url.replace(BASE, "");
    asked.push([at, request.headers.get("Authorization")]);
    const left = answers[at];
    const answer = left.length > 1 ? left.shift() : left[0];
    if (at === path) await released;
    return answer.clone();
  };
  return { totp: createTotpClient({ baseUrl: BASE, fetch }), asked, release };
}

const ADA = { username: "ada", password: "secret" };
const EVE = json(200, { step: "logged_in", is_totp_enabled: false, access: "E", refresh: "F" });

test("a code that was on its way at sign-out brings no token back", async () => {
  const { totp, asked, release } = slowSite("/totp/verify/", {
    "/jwt/create/": [LOGGED_IN],
    "/totp/verify/": [json(200, { verified_at: "", access: "V", refresh: "W" })],
    "/totp/status/": [json(200, {})],
  });
  await totp.login(ADA);
  const verified = totp.verify({ otp_code: "123456" });
  await totp.signOut();
  release();
  await verified;

  await totp.status();

  assert.deepEqual(asked.at(-1), ["/totp/status/", null]);
});

test("a login that was on its way at sign-out signs nobody in", async () => {
  const { totp, asked, release } = slowSite("/jwt/create/", {
    "/jwt/create/": [LOGGED_IN],
    "/totp/status/": [json(200, {})],
  });
  const loggedIn = totp.login(ADA);
  await totp.signOut();
  release();
  await loggedIn;

  await totp.status();

  assert.deepEqual(asked.at(-1), ["/totp/status/", null]);
});

test("a call of one user is not made again as the next user", async () => {
  const { totp, asked, release } = slowSite("/jwt/refresh/", {
    "/jwt/create/": [LOGGED_IN, EVE],
    "/jwt/refresh/": [json(200, { access: "B" })],
    "/totp/rotate_backup_codes/": [json(401, { code: "token_not_valid", detail: "" })],
  });
  await totp.login(ADA);
  const rotated = totp.rotateBackupCodes();
  await new Promise((resolve) => setTimeout(resolve, 10));
  await totp.signOut();
  await totp.login({ username: "eve", password: "secret" });
  release();

  assert.equal((await rotated).error.code, "token_not_valid");
  assert.deepEqual(
    asked.filter(([path]) => path === "/totp/rotate_backup_codes/"),
    [["/totp/rotate_backup_codes/", "Bearer A"]],
  );
});

test("a code of the next user repeats no call of the one before", async () => {
  const { totp, asked } = slowSite("", {
    "/jwt/create/": [LOGGED_IN, EVE],
    "/totp/disable/": [json(403, STEP_UP)],
    "/totp/verify/": [json(200, { verified_at: "" })],
  });
  await totp.login(ADA);
  totp.onCodeNeeded(async () => {
    await totp.signOut();
    await totp.login({ username: "eve", password: "secret" });
    return { otp_code: "123456" };
  });

  assert.deepEqual(await totp.disable(), { error: STEP_UP });
  assert.equal(asked.filter(([path]) => path === "/totp/disable/").length, 1);
});

const CHALLENGE = 'Bearer error="insufficient_user_authentication", max_age="60"';
const refusals = {
  "401 of RFC 9470": json(401, { detail: "" }, { "WWW-Authenticate": CHALLENGE }),
  "401 whose header cannot be read": json(401, { ...STEP_UP, max_age: 60 }),
  "403 of a session": json(403, { ...STEP_UP, max_age: 60 }),
};
for (const [name, refusal] of Object.entries(refusals)) {
  test(`a ${name} asks for a code until it is right, and the call is made once more`, async () => {
    const { totp, paths } = site({
      "/transfers/": [refusal, json(200, { paid: true })],
      "/totp/verify/": [json(400, WRONG), json(200, { verified_at: "", access: "V" })],
    });
    const questions = [];
    totp.onCodeNeeded(async (question) => {
      questions.push(question);
      return { otp_code: "123456" };
    });

    const response = await totp.withStepUp(() => totp.fetch(`${BASE}/transfers/`));

    assert.deepEqual(await response.json(), { paid: true });
    assert.deepEqual(paths(), ["/transfers/", "/totp/verify/", "/totp/verify/", "/transfers/"]);
    assert.deepEqual(questions, [
      { maxAge: 60, error: undefined },
      { maxAge: 60, error: WRONG },
    ]);
  });
}

test("a call is made twice at most, and a user may decline", async () => {
  const { totp, paths } = site({
    "/totp/disable/": [json(403, STEP_UP)],
    "/totp/verify/": [json(200, { verified_at: "" })],
  });
  const proofs = [{ otp_code: "123456" }, undefined];
  totp.onCodeNeeded(async () => proofs.shift());

  const twice = await totp.disable();
  const declined = await totp.disable();

  assert.deepEqual([twice.error, declined.error], [STEP_UP, STEP_UP]);
  assert.equal(paths().filter((path) => path === "/totp/disable/").length, 3);
});

test("calls that are refused at the same time ask once", async () => {
  const { totp } = site({
    "/totp/rotate_backup_codes/": [json(403, STEP_UP), json(403, STEP_UP), json(200, {})],
    "/totp/verify/": [json(200, { verified_at: "" })],
  });
  let questions = 0;
  totp.onCodeNeeded(async () => {
    questions += 1;
    return { backup_code: "x" };
  });

  const answers = await Promise.all([totp.rotateBackupCodes(), totp.rotateBackupCodes()]);

  assert.deepEqual(answers, [{ data: {} }, { data: {} }]);
  assert.equal(questions, 1);
});

test("without anybody to ask, the refusal is the answer", async () => {
  const { totp } = site({ "/totp/disable/": [json(403, STEP_UP)] });
  totp.onCodeNeeded(async () => assert.fail("taken back"))();

  assert.deepEqual(await totp.disable(), { error: STEP_UP });
});

test("a session sends its cookie, and the CSRF token where something changes", async () => {
  const { totp, asked } = site(
    {
      "/session/create/": [json(200, { step: "logged_in", is_totp_enabled: false })],
      "/totp/status/": [json(200, {})],
      "/session/delete/": [new Response(null, { status: 204 })],
    },
    { mode: "session", csrfToken: () => "C" },
  );
  await totp.login({ username: "ada", password: "secret" });
  await totp.status();

  assert.deepEqual(await totp.signOut(), { data: null });
  assert.deepEqual(
    asked.map(({ csrf, credentials }) => [csrf, credentials]),
    [["C", "include"], [null, "include"], ["C", "include"]],
  );
});

test("the login that wants a second factor sets one up with its own token", async () => {
  const step = { step: "enrolment_required", is_totp_enabled: false, totp_enrolment_token: "T" };
  const { totp, asked } = site({
    "/auth/create/": [json(200, step)],
    "/auth/totp/create/": [json(201, { secret: "S" })],
    "/auth/totp/confirm/": [json(200, { backup_codes: [], access: "A" })],
    "/2fa/status/": [json(200, {})],
  }, { mount: { login: "/auth", totp: "/2fa" } });

  const { data } = await totp.login({ email: "ada@example.org", password: "secret" });
  await totp.enrol(data);
  await totp.confirm(" 123456 ", data);
  await totp.status();

  const [, create, confirm, status] = asked;
  assert.deepEqual(JSON.parse(create.body), { totp_enrolment_token: "T" });
  assert.deepEqual(JSON.parse(confirm.body), { totp_enrolment_token: "T", input_code: "123456" });
  assert.equal(status.authorization, "Bearer A");
});

test("what is not the API's answer has a code as well", async () => {
  const fields = { otp_code: ["This field is required."] };
  const { totp } = site({
    "/totp/verify/": [
      json(400, fields),
      new Response("<h1>Bad gateway</h1>", { status: 502 }),
      new Response(null, { status: 500, headers: { "Content-Length": "0" } }),
    ],
  });
  const verify = async () => (await totp.verify({ otp_code: "" })).error;

  assert.deepEqual(await verify(), {
    code: "invalid_request",
    detail: "This field is required.",
    fields,
  });
  assert.equal((await verify()).code, "unreachable");
  assert.equal((await verify()).code, "unreachable");
  assert.equal((await totp.status()).error.code, "unreachable");
});

test("an app's code and a backup code are told apart", () => {
  assert.deepEqual(proofOf(" 123 456 "), { otp_code: "123 456" });
  assert.deepEqual(proofOf("abcd-efgh-1234"), { backup_code: "abcd-efgh-1234" });
});
