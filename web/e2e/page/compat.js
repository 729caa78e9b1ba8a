// A page of an app that has exchanged the import, and nothing else.
import SuperTokens, { BooleanClaim } from "hallpass/compat";

const asked = new URLSearchParams(location.search);

window.apiBase = location.href;
window.events = [];
SuperTokens.init({
  apiDomain: location.origin,
  tokenTransferMethod: asked.get("mode") ?? undefined,
  onHandleEvent: (event) => window.events.push({ type: event.action, ...event }),
  ...JSON.parse(asked.get("config") ?? "{}"),
  ...window.clientFunctions,
});
window.client = SuperTokens;
window.BooleanClaim = BooleanClaim;
window.send = (input, init) => fetch(input, init);
window.ready = true;
