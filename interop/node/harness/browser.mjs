// A client of the app that keeps cookies, or tokens from headers, the way browsers and the frontend SDK do.

export class Browser {
  jar = new CookieJar();
  tokens = {};

  constructor(app, mode = "cookie") {
    Object.assign(this, { app, mode });
  }

  /** Somebody with a copy of everything that this browser holds. */
  copy() {
    const thief = new Browser(this.app, this.mode);
    thief.jar.cookies = new Map(this.jar.cookies);
    thief.tokens = { ...this.tokens };
    Object.assign(thief, { frontToken: this.frontToken, antiCsrf: this.antiCsrf });
    return thief;
  }

  get accessToken() {
    return this.mode === "cookie" ? this.jar.value("sAccessToken") : this.tokens.access;
  }

  get refreshToken() {
    return this.mode === "cookie" ? this.jar.value("sRefreshToken") : this.tokens.refresh;
  }

  async call(method, path, { body, headers = {} } = {}) {
    const answer = await fetch(this.app.origin + path, {
      method,
      redirect: "manual",
      headers: {
        ...this.#credentials(path),
        "st-auth-mode": this.mode,
        ...(body && { "content-type": "application/json" }),
        ...headers,
      },
      body: body && JSON.stringify(body),
    });
    this.#keep(answer.headers);
    const text = await answer.text();
    const isJson = answer.headers.get("content-type")?.includes("json");
    return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(text) : text };
  }

  /** Signs in, and is back with the handle of the new session. */
  async signIn(userId, options) {
    const answer = await this.call("POST", "/signin", { body: { userId, ...options }, headers: this.#csrf() });
    if (answer.status !== 200) throw new Error(`signing in failed: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body.handle;
  }

  refresh({ headers = this.#csrf() } = {}) {
    return this.call("POST", "/auth/session/refresh", { headers });
  }

  signOut() {
    return this.call("POST", "/auth/signout", { headers: this.#csrf() });
  }

  /** Calls a protected route in which `run` is given the session. `value` is what it returned. */
  async inSession(run, { method = "POST", headers = this.#csrf(), ...verify } = {}) {
    const route = this.app.route(run, verify);
    const answer = await this.call(method, route.path, { headers });
    return { ...answer, value: route.value() };
  }

  /** Calls an open route in which `run(req, res)` runs. */
  async outside(run, { headers = this.#csrf() } = {}) {
    const route = this.app.route((_session, req, res) => run(req, res), false);
    const answer = await this.call("POST", route.path, { headers });
    return { ...answer, value: route.value() };
  }

  /** The status of a call of a protected route. */
  async me(verify) {
    return (await this.inSession(() => undefined, { method: "GET", ...verify })).status;
  }

  #csrf() {
    return this.antiCsrf ? { "anti-csrf": this.antiCsrf } : {};
  }

  #credentials(path) {
    const cookie = this.jar.header(path);
    const token = path === "/auth/session/refresh" ? this.tokens.refresh : this.tokens.access;
    return { ...(cookie && { cookie }), ...(token && { authorization: `Bearer ${token}` }) };
  }

  #keep(headers) {
    headers.getSetCookie().forEach((line) => this.jar.set(line));
    for (const kind of ["access", "refresh"]) {
      const token = headers.get(`st-${kind}-token`);
      if (token !== null) this.tokens[kind] = token || undefined;
    }
    const [front, antiCsrf] = [headers.get("front-token"), headers.get("anti-csrf")];
    if (front !== null) this.frontToken = front === "remove" ? undefined : JSON.parse(Buffer.from(front, "base64"));
    if (front === "remove") this.antiCsrf = undefined;
    if (antiCsrf !== null) this.antiCsrf = antiCsrf;
  }
}

/** The cookies of one host (RFC 6265, as far as one host needs it). */
export class CookieJar {
  cookies = new Map();

  set(line) {
    const [pair, ...rest] = line.split(";");
    const [name, value] = split(pair);
    const attributes = new Map(rest.map(split).map(([name, value]) => [name.toLowerCase(), value]));
    const path = attributes.get("path") ?? "/";
    const expires = attributes.has("expires") ? Date.parse(attributes.get("expires")) : Infinity;
    if (expires <= Date.now()) this.cookies.delete(`${name};${path}`);
    else this.cookies.set(`${name};${path}`, { name, value, path, expires, httpOnly: attributes.has("httponly") });
  }

  header(path) {
    return [...this.cookies.values()]
      .filter((cookie) => cookie.expires > Date.now() && matches(path, cookie.path))
      .map(({ name, value }) => `${name}=${value}`)
      .join("; ");
  }

  find(name) {
    return [...this.cookies.values()].find((cookie) => cookie.name === name);
  }

  value(name) {
    const cookie = this.find(name);
    return cookie && decodeURIComponent(cookie.value);
  }
}

const matches = (path, scope) => path === scope || path.startsWith(scope.endsWith("/") ? scope : `${scope}/`);

function split(pair) {
  const at = pair.indexOf("=");
  return at < 0 ? [pair.trim(), ""] : [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
}

/** A compact JWS, taken apart without any check. */
export function decode(token) {
  const [header, payload, signature] = token.split(".");
  return {
    header: JSON.parse(Buffer.from(header, "base64")),
    payload: JSON.parse(Buffer.from(payload, "base64")),
    signature,
  };
}
