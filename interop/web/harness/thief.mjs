// Somebody with a copy of a user's tokens and no browser.
export class Thief {
  constructor(app, tokens) {
    Object.assign(this, { app, ...tokens });
  }

  #headers(token, cookie) {
    return this.mode === "cookie" ? { cookie: `${cookie}=${token}` } : { authorization: `Bearer ${token}` };
  }

  /** Presents the refresh token and keeps what comes back. */
  async refresh() {
    const headers = { ...this.#headers(this.refreshToken, "sRefreshToken"), rid: "session", "st-auth-mode": this.mode };
    const answer = await fetch(`${this.app.origin}/auth/session/refresh`, { method: "POST", headers });
    if (answer.ok) Object.assign(this, tokensIn(answer.headers, this.mode));
    return { status: answer.status, body: await answer.json(), frontToken: answer.headers.get("front-token") };
  }

  async me() {
    const answer = await fetch(`${this.app.origin}/me`, { headers: this.#headers(this.accessToken, "sAccessToken") });
    return answer.status;
  }
}

/** The tokens that an answer sets. */
export function tokensIn(headers, mode) {
  if (mode === "header") {
    return { accessToken: headers.get("st-access-token"), refreshToken: headers.get("st-refresh-token") };
  }
  const cookies = new Map(headers.getSetCookie().map((line) => line.split(";")[0].split("=")));
  return { accessToken: cookies.get("sAccessToken"), refreshToken: cookies.get("sRefreshToken") };
}
