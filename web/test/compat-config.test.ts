import { describe, expect, test } from "vitest";
import { addressOf, optionsOf } from "../src/compat/config.js";

describe("the configuration of the other SDK", () => {
  test.each([
    ["api.example.com", "https://api.example.com"],
    ["localhost:8080", "http://localhost:8080"],
    ["localhost.example.com", "https://localhost.example.com"],
    ["127.0.0.1:3000", "http://127.0.0.1:3000"],
    ["https://api.example.com/", "https://api.example.com"],
  ])("%s is at %s", (text, origin) => expect(addressOf(text).origin).toBe(origin));

  test("becomes ours", () => {
    const options = optionsOf({
      apiDomain: "api.example.com/gateway",
      apiBasePath: "/x/",
      sessionTokenFrontendDomain: ".example.com",
      sessionTokenBackendDomain: "https://.example.com:99",
      tokenTransferMethod: "header",
    });
    expect(options).toMatchObject({
      api: "https://api.example.com/gateway/x",
      cookieDomain: "example.com",
      apiDomain: "example.com",
      mode: "header",
      retries: 10,
    });
  });

  test("is refused where the SDK refuses it", () => {
    const apiDomain = "a.example";
    expect(() => optionsOf({ apiDomain, sessionExpiredStatusCode: 403 })).toThrow("the same");
    expect(() => optionsOf({ apiDomain, maxRetryAttemptsForSessionRefresh: -1 })).toThrow("negative");
  });
});
