// A backend as its users write them: Express, the SDK's middleware, and two routes.
import express from "express";
import * as sdk from "./sdk.mjs";

export class App {
  #work = new Map();

  /** Opens a port and initialises the SDK, which is told of it. */
  static async start(options) {
    const app = new App();
    const server = express();
    app.listener = server.listen(0, "127.0.0.1");
    await new Promise((done) => app.listener.once("listening", done));
    app.origin = `http://127.0.0.1:${app.listener.address().port}`;
    sdk.init({ ...options, origin: app.origin });
    server.use(sdk.middleware());
    server.post("/signin", express.json(), (req, res, next) => app.#signIn(req, res).catch(next));
    server.all("/work/:id", (req, res, next) => app.#doWork(req, res, next));
    server.use(sdk.errorHandler());
    server.use((error, _req, res, _next) => res.status(500).json({ message: error.message }));
    return app;
  }

  stop() {
    sdk.reset();
    this.listener.closeAllConnections();
    return new Promise((done) => this.listener.close(done));
  }

  /** The path of a route behind `verifySession(verify)` (or behind nothing) that runs `run`. Its value is kept. */
  route(run, verify) {
    const id = String(this.#work.size);
    const work = { run, verify };
    this.#work.set(id, work);
    return { path: `/work/${id}`, value: () => work.value };
  }

  async #signIn(req, res) {
    const { userId, ...options } = req.body;
    const session = await sdk.sessions.signIn(req, res, userId, options);
    res.json({ handle: session.getHandle() });
  }

  #doWork(req, res, next) {
    const work = this.#work.get(req.params.id);
    const verify = work.verify === false ? (_req, _res, go) => go() : sdk.verifySession(work.verify);
    verify(req, res, async (error) => {
      if (error) return next(error);
      try {
        work.value = await work.run(req.session, req, res);
        res.json({});
      } catch (error) {
        next(error);
      }
    });
  }
}
