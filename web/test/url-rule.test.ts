import { expect, test } from "vitest";
import { isOurs } from "../src/url-rule.js";

test.each([
  ["https://api.example.com:3000", "api.example.com", undefined, true],
  ["https://example.com", "api.example.com", undefined, false],
  ["https://a.api.example.com", "api.example.com", undefined, false],
  ["https://sub.api.example.com", "other", "example.com", true],
  ["https://badexample.com", "other", "example.com", false],
  ["https://api.example.com", "other", "a.api.example.com", false],
  ["http://a.localhost:3000", "other", "localhost", true],
  ["data:text/plain,x", "api.example.com", undefined, false],
  ["blob:https://api.example.com/x", "api.example.com", undefined, false],
])("%s, API at %s, domain %s: %s", (url, host, domain, ours) => expect(isOurs(new URL(url), host, domain)).toBe(ours));
