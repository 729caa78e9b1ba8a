// What the script of an app with `supertokens-web-js` would be.
import SuperTokens from "supertokens-web-js";
import Session from "supertokens-web-js/recipe/session";

window.events = [];
SuperTokens.init({
  appInfo: { appName: "interop", apiDomain: location.origin },
  recipeList: [
    Session.init({
      tokenTransferMethod: new URLSearchParams(location.search).get("mode"),
      onHandleEvent: (event) => window.events.push(event.action),
    }),
  ],
});
window.client = Session;
