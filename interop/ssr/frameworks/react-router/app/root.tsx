import { createSession } from "hallpass";
import { installFetch } from "hallpass/install";
import { SessionProvider } from "hallpass/react";
import { getServerSession } from "hallpass/remix";
import { type ReactNode, useEffect, useState } from "react";
import { isRouteErrorResponse, Link, Outlet, Scripts, useNavigate, useRevalidator } from "react-router";
import type { Route } from "./+types/root";
import { config } from "./config.server";

export { headers } from "hallpass/remix";

/** It guards nothing: pages do. */
export const loader = async ({ request }: Route.LoaderArgs) => ({ session: (await getServerSession(request, config)).snapshot });

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

const CHANGES = new Set(["SESSION_CREATED", "USER_CHANGED", "ACCESS_TOKEN_PAYLOAD_UPDATED", "SIGN_OUT", "UNAUTHORISED"]);

/** The client starts from what the server knows; when that changes, the server says what may be seen. */
export default function Root({ loaderData }: Route.ComponentProps) {
  const [client] = useState(() => createSession({ initial: loaderData.session }));
  const navigate = useNavigate();
  const { revalidate } = useRevalidator();
  useEffect(() => installFetch(client), [client]);
  useEffect(() => client.on("*", ({ type }) => void (CHANGES.has(type) && revalidate())), [client, revalidate]);
  return (
    <SessionProvider client={client} loginUrl="/login" navigate={(to) => navigate(to, { replace: true })}>
      <nav>
        <Link to="/">Home</Link> <Link to="/account">Account</Link> <Link to="/staff">Staff</Link>
      </nav>
      <Outlet />
    </SessionProvider>
  );
}

export function ErrorBoundary({ error }: Route.ErrorBoundaryProps) {
  return <h1>{isRouteErrorResponse(error) ? error.status : "oops"}</h1>;
}
