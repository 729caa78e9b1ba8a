// The page of an app that has not moved yet: the client from npm, and plain `fetch`.
import SuperTokens from "supertokens-website";

window.apiBase = location.href;
window.events = [];
SuperTokens.init({
  apiDomain: location.origin,
  tokenTransferMethod: new URLSearchParams(location.search).get("mode") ?? undefined,
  onHandleEvent: (event) => window.events.push(event.action),
  ...window.clientFunctions,
});
window.client = SuperTokens;
window.send = fetch;
window.ready = true;
