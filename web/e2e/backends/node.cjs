// A backend by the Node SDK as npm delivers it, with the same routes as the Rust one. Claims are what its administrator says.
const express = require("express");
const SuperTokens = require("supertokens-node");
const Session = require("supertokens-node/recipe/session");
const { BooleanClaim, PrimitiveClaim } = require("supertokens-node/recipe/session/claims");
const { middleware, errorHandler } = require("supertokens-node/framework/express");
const { verifySession } = require("supertokens-node/recipe/session/framework/express");

const { origin, core, antiCsrf } = JSON.parse(process.argv[2]);
const said = { verified: false, plan: "free" };
const Verified = new BooleanClaim({ key: "verified", fetchValue: () => said.verified });
const Plan = new PrimitiveClaim({ key: "plan", fetchValue: () => said.plan });
const Staff = new BooleanClaim({ key: "staff", fetchValue: (userId) => userId.startsWith("staff-") });

SuperTokens.init({
  framework: "express",
  telemetry: false,
  supertokens: { connectionURI: core },
  appInfo: { appName: "e2e", apiDomain: origin, websiteDomain: origin },
  recipeList: [Session.init({ antiCsrf })],
});

const app = express();
const later = (act) => (request, response, next) => Promise.resolve(act(request, response)).catch(next);
app.use(middleware());
app.post(
  "/login",
  express.urlencoded({ extended: false }),
  later(async (request, response) => {
    const { user } = request.body;
    await Session.createNewSession(request, response, "public", SuperTokens.convertToRecipeUserId(user), {
      greeting: "Grüß Gott 👋",
    });
    response.type("text").send(user);
  }),
);
app.get("/me", verifySession(), (request, response) =>
  response.json({ user: request.session.getUserId(), claims: request.session.getAccessTokenPayload() }),
);
app.post("/note", verifySession(), express.text({ type: () => true }), (request, response) =>
  response.send(`${request.session.getUserId()} notes: ${request.body}`),
);
app.get("/staff", verifySession({ overrideGlobalClaimValidators: () => [Staff.validators.isTrue()] }), (_, response) =>
  response.send("hello"),
);
for (const [path, claim] of Object.entries({ "/claims/verified": Verified, "/claims/plan": Plan })) {
  app.post(
    path,
    verifySession(),
    later(async (request, response) => {
      await request.session.fetchAndSetClaim(claim);
      response.json({});
    }),
  );
}
app.post("/say", express.json(), (request, response) => response.json(Object.assign(said, request.body)));
app.get(
  "/sessions",
  later(async (request, response) => response.json(await Session.getAllSessionHandlesForUser(request.query.user))),
);
app.use(errorHandler());
app.use((error, _request, response, _next) => response.status(500).json({ message: error.message }));

const server = app.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.on("end", () => process.exit(0)).resume();
