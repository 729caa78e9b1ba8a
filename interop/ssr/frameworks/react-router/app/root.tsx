// What is around every page: the client, which starts from what the server knows.
import { createSession } from "hallpass";
import { installFetch } from "hallpass/install";
import { SessionProvider } from "hallpass/react";
import { getServerSession } from "hallpass/remix";
import { type ReactNode, useEffect, useState } from "react";
import { isRouteErrorResponse, Outlet, Scripts, useNavigate } from "react-router";
import type { Route } from "./+types/root";
import { config } from "./config.server";

export { headers } from "hallpass/remix";

/** It guards nothing: routes do. */
export const loader = async ({ request }: Route.LoaderArgs) => {
  const { snapshot } = await getServerSession(request, config);
  return { session: snapshot };
};

export default function Root({ loaderData }: Route.ComponentProps) {
  const [session] = useState(() => createSession({ initial: loaderData.session }));
  useEffect(() => installFetch(session), [session]); // what the router fetches by itself is refreshed, too
  return (
    <SessionProvider client={session} loginUrl="/login" navigate={useNavigate()}>
      <Outlet />
    </SessionProvider>
  );
}

export function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
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
