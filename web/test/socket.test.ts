import { expect, test, vi } from "vitest";
import { socketAuth } from "../src/socket.js";
import { fakeSession } from "../src/testing/index.js";

test("a socket is told of new tokens, and of the end", async () => {
  const session = fakeSession({ userId: "ada", accessToken: "t1" });
  const [onToken, onEnd] = [vi.fn(), vi.fn()];
  const auth = socketAuth(session, { onToken, onEnd });
  expect(await auth.token()).toBe("t1");
  session.emit({ type: "REFRESH_SESSION", origin: "local" });
  await Promise.resolve();
  expect(onToken).not.toHaveBeenCalled();
  await session.signOut();
  expect(onEnd).toHaveBeenCalledTimes(1);
  auth.stop();
  session.emit({ type: "SIGN_OUT", origin: "local" });
  expect(onEnd).toHaveBeenCalledTimes(1);
});
