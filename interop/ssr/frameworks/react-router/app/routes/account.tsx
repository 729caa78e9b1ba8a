import { TryRefresh } from "hallpass/react";
import { guardLoader } from "hallpass/remix";
import { SignOutButton } from "hallpass/ui/react";
import { useRevalidator } from "react-router";
import { config } from "../config.server";
import { Note } from "../note";
import type { Route } from "./+types/account";

export { headers } from "hallpass/remix";

/** Nobody is known as long as the client has to refresh. */
export const loader = guardLoader(config, { loginUrl: "/login" }, ({ session }) => ({ user: session.userId }));

export default function Account({ loaderData: { user } }: Route.ComponentProps) {
  const { revalidate } = useRevalidator();
  if (!user) return <TryRefresh onRefreshed={revalidate} failed={() => <p>Later, please. You are still signed in.</p>} />;
  return (
    <>
      <h1>{`Account of ${user}`}</h1>
      <Note />
      <SignOutButton loginUrl="/" />
    </>
  );
}
