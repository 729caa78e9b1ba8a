// What an app's own script would be: it starts the client from npm and otherwise uses plain `fetch`.
import SuperTokens from "supertokens-website";

window.events = [];
SuperTokens.init({
  apiDomain: location.origin,
  tokenTransferMethod: new URLSearchParams(location.search).get("mode"),
  onHandleEvent: (event) => window.events.push(event.action),
});
window.client = SuperTokens;
