// What an app keeps of its users, beside their sessions.
import assert from "node:assert/strict";
import { journeys } from "../harness/journey.mjs";
import { UserMetadata } from "../harness/sdk.mjs";

const journey = journeys();
const get = async (userId) => (await UserMetadata.getUserMetadata(userId)).metadata;
const update = async (userId, change) => (await UserMetadata.updateUserMetadata(userId, change)).metadata;

journey("M1: of an unknown user nothing is kept", {}, async () => {
  assert.deepEqual(await UserMetadata.getUserMetadata("nobody"), { status: "OK", metadata: {} });
  assert.deepEqual(await UserMetadata.clearUserMetadata("nobody"), { status: "OK" });
});

journey(
  "M2, G35: an update replaces members at the top, null removes there, and is kept further down",
  {},
  async () => {
    const first = { keep: [1, null], replace: { a: 1, b: 2 }, remove: "x", nested: { gone: null } };
    assert.deepEqual(await UserMetadata.updateUserMetadata("alice", first), { status: "OK", metadata: first });
    assert.deepEqual(await get("alice"), first);

    const merged = {
      keep: [1, null],
      replace: { c: null },
      nested: { gone: null, more: [{ deep: null }] },
      add: false,
    };
    const answer = await update("alice", {
      replace: { c: null },
      remove: null,
      absent: null,
      nested: merged.nested,
      add: false,
    });
    assert.deepEqual(answer, merged);
    assert.deepEqual(await get("alice"), merged);
  },
);

journey("an update with nothing in it changes nothing", {}, async () => {
  await update("alice", { a: 1 });
  assert.deepEqual(await update("alice", {}), { a: 1 });
  assert.deepEqual(await update("bob", { a: null }), {});
  assert.deepEqual(await get("bob"), {});
});

journey("M4: metadata can be cleared, of one user only", {}, async () => {
  await update("alice", { a: 1 });
  await update("bob", { b: 2 });
  assert.deepEqual(await UserMetadata.clearUserMetadata("alice"), { status: "OK" });
  assert.deepEqual([await get("alice"), await get("bob")], [{}, { b: 2 }]);
  assert.deepEqual(await update("alice", { c: 3 }), { c: 3 });
});

journey("G36: metadata keeps numbers, letters and the names of members", {}, async () => {
  const values = {
    ms: 1700000000123,
    largest: 9007199254740991,
    half: 0.5,
    "a.b c": 'Zoë 山田太郎 🦀 "\\\u2028',
    "": "",
    1: [[], {}],
  };
  assert.deepEqual(await update("user with spaces/?#", values), values);
  assert.deepEqual(await get("user with spaces/?#"), values);
});

journey("M3: updates of different members at the same time all survive", {}, async () => {
  const names = Array.from({ length: 20 }, (_, i) => `member${i}`);
  await Promise.all(names.map((name) => update("alice", { [name]: name })));
  assert.deepEqual(await get("alice"), Object.fromEntries(names.map((name) => [name, name])));
});
