import { TryRefresh } from "hallpass/react";
import { guardLoader } from "hallpass/remix";
import { SignOutButton } from "hallpass/ui/react";
import { useRevalidator } from "react-router";
import { config } from "../config.server";
import type { Route } from "./+types/account";

export { headers } from "hallpass/remix";

export const loader = guardLoader(config, { loginUrl: "/login" }, ({ session }) => ({ session: session.snapshot }));

export default function Account({ loaderData: { session } }: Route.ComponentProps) {
  const { revalidate } = useRevalidator();
  return (
    <>
      <h1>{`Account of ${session.userId ?? session.status}`}</h1>
      {session.userId ? <SignOutButton /> : <TryRefresh onRefreshed={revalidate} />}
    </>
  );
}
