// The client under React's own hook for external stores, as strict as React can be.
import { createSession } from "hallpass";
import { StrictMode, Suspense, startTransition, use, useEffect, useState, useSyncExternalStore } from "react";
import { createRoot } from "react-dom/client";

const asked = new URLSearchParams(location.search);
const client = createSession(JSON.parse(asked.get("options") ?? "{}"));
const known = client.ready();

window.client = client;
window.apiBase = location.href;
window.send = client.fetch;
window.events = [];
window.effects = [];
window.renders = 0;
client.on("*", (event) => window.events.push(event));

function User() {
  use(known);
  const { status, userId } = useSyncExternalStore(client.subscribe, client.snapshot, () => client.initial);
  window.renders++;
  useEffect(() => {
    window.effects.push(status);
    void client.ready();
  }, [status]);
  return <p id="user">{userId ?? status}</p>;
}

function App() {
  const [shown, show] = useState(1);
  window.showMore = () => startTransition(() => show((count) => count + 10));
  return (
    <Suspense fallback={<p id="waiting">…</p>}>
      {Array.from({ length: shown }, (_, key) => (
        <User key={key} />
      ))}
    </Suspense>
  );
}

createRoot(document.getElementById("root")).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
window.ready = true;
