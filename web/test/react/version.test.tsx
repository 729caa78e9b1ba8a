// @vitest-environment happy-dom
import { createRequire } from "node:module";
import { cleanup, render } from "@testing-library/react";
import { useState, version } from "react";
import { version as domVersion } from "react-dom";
import { renderToString } from "react-dom/server";
import { expect, test } from "vitest";

/** A hook works only in what the same copy of React draws. */
const Hooked = () => <p>{useState("drawn")[0]}</p>;

test("everybody has the React that this run is about", () => {
  const [major] = version.split(".");
  expect(major).toBe(process.env["REACT"]);
  expect([domVersion, createRequire(import.meta.url)("react").version]).toEqual([version, version]);
  expect(render(<Hooked />).container.textContent).toBe("drawn");
  expect(renderToString(<Hooked />)).toBe("<p>drawn</p>");
  cleanup();
});
