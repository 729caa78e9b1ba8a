// A page of React, as strict as React can be: everything is mounted twice, waits in Suspense, and is drawn in transitions.
import { createSession } from "hallpass";
import { SessionProvider, useSession } from "hallpass/react";
import { StrictMode, Suspense, startTransition, use, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";

const asked = new URLSearchParams(location.search);
const client = createSession(JSON.parse(asked.get("options") ?? "{}"));
const known = client.ready();

window.client = client;
window.apiBase = location.href;
window.send = client.fetch;
window.events = [];
/** What the first component's effect was told, each state once or, where it was mounted twice, twice. */
window.effects = [];
client.on("*", (event) => window.events.push(event));

function User({ name }) {
  use(known);
  const shown = useSession(({ status, userId }) => userId ?? status);
  useEffect(() => {
    if (name === 0) window.effects.push(shown);
  }, [name, shown]);
  return <p className="user">{shown}</p>;
}

function App() {
  const [count, setCount] = useState(1);
  window.showMore = () => startTransition(() => setCount((count) => count + 10));
  return (
    <Suspense fallback={<p>…</p>}>
      {[...Array(count).keys()].map((name) => (
        <User key={name} name={name} />
      ))}
    </Suspense>
  );
}

createRoot(document.getElementById("root")).render(
  <StrictMode>
    <SessionProvider client={client}>
      <App />
    </SessionProvider>
  </StrictMode>,
);
window.ready = true;
