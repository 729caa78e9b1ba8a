import { TryRefresh, useSignOut } from "hallpass/react";
import { guardLoader } from "hallpass/remix";
import { useState } from "react";
import { useNavigate, useRevalidator } from "react-router";
import { config } from "../config.server";
import type { Route } from "./+types/account";

export { headers } from "hallpass/remix";

/** Nobody is known as long as the client has to refresh. */
export const loader = guardLoader(config, { loginUrl: "/login" }, ({ session }) => ({ user: session.userId }));

export default function Account({ loaderData: { user } }: Route.ComponentProps) {
  const { revalidate } = useRevalidator();
  const navigate = useNavigate();
  const signOut = useSignOut();
  const [said, setSaid] = useState("");
  if (!user) return <TryRefresh onRefreshed={revalidate} fallback={<p>One moment …</p>} failed={() => <p>You are still signed in.</p>} />;
  const note = async () => setSaid(await (await fetch("/api/note", { method: "POST", body: "hello" })).text());
  return (
    <>
      <h1>{`Account of ${user}`}</h1>
      <button type="button" onClick={note}>
        Note
      </button>{" "}
      <output>{said}</output>
      <button type="button" onClick={() => signOut().then(() => navigate("/"))}>
        Sign out
      </button>
    </>
  );
}
