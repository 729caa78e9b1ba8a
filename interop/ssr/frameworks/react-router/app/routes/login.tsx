import { returnPath } from "hallpass/decide";
import type { FormEvent } from "react";
import { useNavigate, useSearchParams } from "react-router";

export default function Login() {
  const back = returnPath(useSearchParams()[0].get("redirectToPath"));
  const navigate = useNavigate();
  const signIn = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const user = String(new FormData(event.currentTarget).get("user"));
    const answer = await fetch("/sign-in", { method: "POST", body: new URLSearchParams({ user }) });
    if (answer.ok) await navigate(back);
  };
  return (
    <form onSubmit={signIn}>
      <h1>Sign in</h1>
      <input name="user" aria-label="Name" required />
      <button type="submit">Sign in</button>
    </form>
  );
}
