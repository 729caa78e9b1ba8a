// What is around every page: the client, which starts from what the server knows.
import { createSession } from "hallpass";
import { installFetch } from "hallpass/install";
import { SessionProvider } from "hallpass/react";
import { getServerSession } from "hallpass/remix";
import { type ReactNode, useEffect, useState } from "react";
import { isRouteErrorResponse, Link, Outlet, Scripts, useNavigate, useRevalidator } from "react-router";
import type { Route } from "./+types/root";
import { config } from "./config.server";

export { headers } from "hallpass/remix";

/** It guards nothing: routes do. */
export const loader = async ({ request }: Route.LoaderArgs) => {
  const { snapshot } = await getServerSession(request, config);
  return { session: snapshot };
};

/** Who is signed in has changed, or what the session says of them, here or in another tab. */
const CHANGES = new Set(["SESSION_CREATED", "USER_CHANGED", "ACCESS_TOKEN_PAYLOAD_UPDATED", "SIGN_OUT", "UNAUTHORISED"]);

export default function Root({ loaderData }: Route.ComponentProps) {
  const [session] = useState(() => createSession({ initial: loaderData.session }));
  const { revalidate } = useRevalidator();
  useEffect(() => installFetch(session), [session]); // what the router fetches by itself is refreshed, too
  useEffect(() => session.on("*", ({ type }) => void (CHANGES.has(type) && revalidate())), [session, revalidate]);
  return (
    <SessionProvider client={session} loginUrl="/login" navigate={useNavigate()}>
      <nav>
        <Link to="/">Home</Link> <Link to="/account">Account</Link> <Link to="/staff">Staff</Link>
      </nav>
      <Outlet />
    </SessionProvider>
  );
}

export function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <head>
        <title>Sessions in an app of React Router</title>
        <link rel="icon" href="data:," />
      </head>
      <body>
        {children}
        <Scripts />
      </body>
    </html>
  );
}

export function ErrorBoundary({ error }: Route.ErrorBoundaryProps) {
  return <h1>{isRouteErrorResponse(error) ? error.status : "oops"}</h1>;
}
