/** What lets a request in: bearer tokens that are renewed when they expire, or Django's session. */

export interface Tokens {
  access?: string;
  refresh?: string;
}

/** Where tokens are kept. By default in memory alone, out of reach for a script that comes later. */
export interface TokenStore {
  get(): Tokens;
  set(tokens: Tokens): void;
}

export interface Credentials {
  /** Make `request` one that anybody may send. */
  open(request: Request): Promise<Request>;
  /** Make `request` one of the user's. */
  sign(request: Request): Promise<Request>;
  /** Try to get a better credential than the one of a request that was refused. */
  renew(refused: Request): Promise<boolean>;
  /** Take what an answer brings. */
  keep(tokens: Tokens): void;
}

export function inMemory(): TokenStore {
  let kept: Tokens = {};
  return { get: () => kept, set: (tokens) => void (kept = tokens) };
}

const authorization = (access: string): string => `Bearer ${access}`;

/** `exchange` sends a refresh token, and returns new tokens or what they are to be afterwards. */
export function bearer(
  store: TokenStore,
  exchange: (refresh: string) => Promise<Tokens | "refused" | "unreachable">,
): Credentials {
  let renewal: Promise<boolean> | undefined;

  const keep = ({ access, refresh }: Tokens): void => {
    const older = store.get();
    if (access ?? refresh) {
      store.set({ ...older, ...(access && { access }), ...(refresh && { refresh }) });
    }
  };

  async function renewed(refresh: string): Promise<boolean> {
    const answer = await exchange(refresh);
    // Somebody may have signed in meanwhile, or a verified code may have brought newer tokens.
    if (store.get().refresh !== refresh) return true;
    if (answer === "refused") store.set({});
    if (typeof answer === "string") return false;
    keep(answer);
    return true;
  }

  return {
    open: async (request) => new Request(request, { credentials: "omit" }),
    async sign(request) {
      const { access } = store.get();
      const signed = new Request(request, { credentials: "omit" });
      if (access !== undefined) signed.headers.set("Authorization", authorization(access));
      return signed;
    },
    async renew(refused) {
      const { access, refresh } = store.get();
      if (access && refused.headers.get("Authorization") !== authorization(access)) return true;
      if (refresh === undefined) return false;
      // One at a time: where refresh tokens rotate, a second one would send a dead token.
      renewal ??= renewed(refresh).finally(() => (renewal = undefined));
      return renewal;
    },
    keep,
  };
}

export type CsrfToken = () => string | undefined | Promise<string | undefined>;

const SAFE = ["GET", "HEAD", "OPTIONS", "TRACE"];

/** The browser sends the cookie of the session by itself, and Django wants the CSRF token beside it. */
export function session(csrfToken: CsrfToken): Credentials {
  async function sign(request: Request): Promise<Request> {
    const signed = new Request(request, { credentials: "include" });
    const token = SAFE.includes(request.method) ? undefined : await csrfToken();
    if (token !== undefined) signed.headers.set("X-CSRFToken", token);
    return signed;
  }

  return {
    open: sign,
    sign,
    renew: async () => false,
    keep: () => undefined,
  };
}

/** The CSRF token in the cookie that Django sets, which changes at every login. */
export function csrfCookie(): string | undefined {
  const found = /(?:^|; )csrftoken=([^;]*)/.exec(document.cookie);
  return found?.[1] === undefined ? undefined : decodeURIComponent(found[1]);
}
