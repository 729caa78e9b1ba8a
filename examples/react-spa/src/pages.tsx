// The pages.
// ANCHOR: imports
import { returnPath } from "hallpass/decide";
import { useSession } from "hallpass/react";
import { useEffect, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { type Claims, session, signIn } from "./session";
// ANCHOR_END: imports

// ANCHOR: home
export function Home() {
  const { userId, payload } = useSession<Claims>();
  const me = useAnswer("/api/me");
  return (
    <>
      <h1>
        {payload?.greeting}, {userId}
      </h1>
      <p>The server says: {me}</p>
    </>
  );
}
// ANCHOR_END: home

export function Staff() {
  const answer = useAnswer("/api/staff");
  return (
    <>
      <h1>Staff</h1>
      <p>The server says: {answer}</p>
    </>
  );
}

export const NotFound = () => <h1>There is no such page</h1>;

// ANCHOR: sign-in
export function SignIn() {
  const go = useNavigate();
  const [query] = useSearchParams();
  const [failed, setFailed] = useState(false);

  async function submit(form: FormData) {
    setFailed(false);
    try {
      await signIn(String(form.get("user")));
      await go(returnPath(query.get("redirectToPath")));
    } catch (error) {
      console.error(error);
      setFailed(true);
    }
  }

  return (
    <form action={submit}>
      <h1>Sign in</h1>
      <label htmlFor="user">Name (staff have names like staff-ada)</label>
      <input id="user" name="user" autoComplete="username" required />
      <button type="submit">Sign in</button>
      {failed && <p role="alert">That did not work. Please try again.</p>}
    </form>
  );
}
// ANCHOR_END: sign-in

/** What the server answers to a request with the session. */
function useAnswer(url: string): string {
  const [text, setText] = useState("…");
  useEffect(() => {
    const leaving = new AbortController();
    session
      .fetch(url, { signal: leaving.signal })
      .then((answer) => answer.text())
      .then(setText, (error) => leaving.signal.aborted || setText(String(error)));
    return () => leaving.abort();
  }, [url]);
  return text;
}
