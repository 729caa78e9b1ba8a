// An API in memory, with keys of its own: what it publishes, signs and answers.
import type { ServerConfig } from "../../src/ssr/index.js";

const KINDS = {
  RS256: {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  },
  ES256: { name: "ECDSA", hash: "SHA-256", namedCurve: "P-256" },
  EdDSA: { name: "Ed25519" },
} as const;

export type Algorithm = keyof typeof KINDS;
export const ALGORITHMS = Object.keys(KINDS) as Algorithm[];

export const base64url = (value: unknown): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

export class SigningKey {
  private constructor(
    readonly algorithm: Algorithm,
    readonly kid: string,
    readonly pair: CryptoKeyPair,
    readonly jwk: JsonWebKey & { kid: string },
  ) {}

  static async make(algorithm: Algorithm, kid: string = crypto.randomUUID()): Promise<SigningKey> {
    const usages: KeyUsage[] = ["sign", "verify"];
    const pair = (await crypto.subtle.generateKey(KINDS[algorithm], true, usages)) as CryptoKeyPair;
    const { kty, n, e, crv, x, y } = (await crypto.subtle.exportKey("jwk", pair.publicKey)) as JsonWebKey;
    const jwk = JSON.parse(JSON.stringify({ kty, n, e, crv, x, y, kid, alg: algorithm, use: "sig" }));
    return new SigningKey(algorithm, kid, pair, jwk);
  }

  async sign(claims: unknown, header: Record<string, unknown> = {}): Promise<string> {
    const head = base64url({ alg: this.algorithm, typ: "JWT", kid: this.kid, version: "5", ...header });
    const signed = `${head}.${base64url(claims)}`;
    const bytes = new TextEncoder().encode(signed);
    const signature = await crypto.subtle.sign(KINDS[this.algorithm], this.pair.privateKey, bytes);
    return `${signed}.${Buffer.from(signature).toString("base64url")}`;
  }
}

export const START = 1_800_000_000_000;
export const HOUR = 3_600_000;

let apis = 0;

export class Api {
  /** No two have the same address: keys are kept by it. */
  readonly url = `http://api-${++apis}.test/auth`;
  now = START;
  published: JsonWebKey[];
  /** The calls it has got. */
  readonly calls: Request[] = [];
  /** Answers all calls instead. */
  instead: ((request: Request) => Response | Promise<Response>) | undefined;
  /** The refresh token that is good, and what the next ones are made of. */
  refreshToken = "refresh-0";
  generation = 0;
  antiCsrf: string | undefined;
  payload: Record<string, unknown> = {};

  constructor(readonly key: SigningKey) {
    this.published = [key.jwk];
  }

  static async open(algorithm: Algorithm = "ES256"): Promise<Api> {
    return new Api(await SigningKey.make(algorithm));
  }

  get config(): ServerConfig & { expired: "hop" } {
    return { api: this.url, expired: "hop", fetch: this.fetch, now: () => this.now };
  }

  asked(path: string): number {
    return this.calls.filter((call) => new URL(call.url).pathname === path).length;
  }
  get refreshes(): number {
    return this.asked("/auth/session/refresh");
  }
  get keyCalls(): number {
    return this.asked("/auth/jwt/jwks.json");
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    this.calls.push(request);
    if (this.instead) return this.instead(request);
    return this.answer(request);
  };

  async answer(request: Request): Promise<Response> {
    if (request.url.endsWith("/jwt/jwks.json")) return Response.json({ keys: this.published });
    const presented = /(?:^|; )sRefreshToken=([^;]*)/.exec(request.headers.get("cookie") ?? "")?.[1];
    const proof = !this.antiCsrf || request.headers.get("anti-csrf") === this.antiCsrf;
    return presented === this.refreshToken && proof ? this.rotate() : this.gone();
  }

  async rotate(): Promise<Response> {
    this.refreshToken = `refresh-${++this.generation}`;
    const claims = this.claims();
    const answer = Response.json({});
    answer.headers.append("set-cookie", `sAccessToken=${await this.key.sign(claims)}; Path=/; HttpOnly; SameSite=Lax`);
    const refresh = `sRefreshToken=${this.refreshToken}; Path=/auth/session/refresh; HttpOnly; SameSite=Lax`;
    answer.headers.append("set-cookie", refresh);
    const front = { uid: claims.sub, ate: (claims.exp as number) * 1000, up: claims };
    answer.headers.set("front-token", Buffer.from(JSON.stringify(front)).toString("base64"));
    if (this.antiCsrf) {
      this.antiCsrf = `csrf-${this.generation}`;
      answer.headers.set("anti-csrf", this.antiCsrf);
    }
    return answer;
  }

  gone(): Response {
    const answer = Response.json({ message: "unauthorised" }, { status: 401, headers: { "front-token": "remove" } });
    answer.headers.append("set-cookie", "sAccessToken=; Path=/; Max-Age=0");
    answer.headers.append("set-cookie", "sRefreshToken=; Path=/auth/session/refresh; Max-Age=0");
    return answer;
  }

  /** What an access token made now says. */
  claims(more: Record<string, unknown> = {}): Record<string, unknown> {
    const iat = Math.floor(this.now / 1000);
    return {
      sub: "ada",
      rsub: "ada",
      tId: "public",
      sessionHandle: "handle-1",
      refreshTokenHash1: "secret-hash",
      parentRefreshTokenHash1: "secret-parent",
      antiCsrfToken: "secret-csrf",
      iat,
      exp: iat + 3600,
      iss: this.url,
      ...this.payload,
      ...more,
    };
  }

  async token(more: Record<string, unknown> = {}, header: Record<string, unknown> = {}): Promise<string> {
    return this.key.sign(this.claims(more), header);
  }

  /** One that expired a minute ago. */
  expired(): Promise<string> {
    return this.token({ exp: Math.floor(this.now / 1000) - 60 });
  }
}

/** A request as a browser makes it when a person opens a page. */
export function visit(
  path: string,
  cookies: Record<string, string> | string = {},
  headers: Record<string, string> = {},
) {
  const cookie =
    typeof cookies === "string"
      ? cookies
      : Object.entries(cookies)
          .map(([name, value]) => `${name}=${value}`)
          .join("; ");
  return new Request(new URL(path, "http://site.test"), {
    headers: { "sec-fetch-mode": "navigate", "sec-fetch-site": "same-origin", ...(cookie && { cookie }), ...headers },
  });
}

/** A browser that follows redirects, and keeps cookies by path as the rules are. */
export class Visitor {
  readonly jar = new Map<string, { value: string; path: string; line: string }>();
  readonly visited: string[] = [];

  constructor(readonly serve: (request: Request) => Promise<Response>) {}

  set(name: string, value: string, path = "/"): void {
    this.jar.set(`${name} ${path}`, { value, path, line: "" });
  }
  get(name: string): string | undefined {
    return [...this.jar].find(([key]) => key.startsWith(`${name} `))?.[1].value;
  }
  lineOf(name: string): string | undefined {
    return [...this.jar].find(([key]) => key.startsWith(`${name} `))?.[1].line;
  }

  private cookies(path: string): string {
    return [...this.jar]
      .filter(([, cookie]) => cookie.path === "/" || path === cookie.path || path.startsWith(`${cookie.path}/`))
      .map(([key, cookie]) => `${key.split(" ")[0]}=${cookie.value}`)
      .join("; ");
  }

  private take(answer: Response): void {
    for (const line of answer.headers.getSetCookie()) {
      const [pair = "", ...attributes] = line.split("; ");
      const [name, value = ""] = [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)];
      const path = attributes.find((text) => text.startsWith("Path="))?.slice(5) ?? "/";
      if (attributes.includes("Max-Age=0")) this.jar.delete(`${name} ${path}`);
      else this.jar.set(`${name} ${path}`, { value, path, line });
    }
  }

  /** Opens a page; at most twenty redirects, as in browsers. */
  async open(path: string, headers: Record<string, string> = {}): Promise<Response> {
    let at = path;
    for (let redirects = 0; redirects <= 20; redirects++) {
      this.visited.push(at);
      const answer = await this.serve(visit(at, this.cookies(new URL(at, "http://site.test").pathname), headers));
      this.take(answer);
      const to = answer.headers.get("location");
      if (answer.status !== 303 || !to) return answer;
      at = to;
    }
    throw new Error(`redirected for ever: ${this.visited.join(" ")}`);
  }
}
