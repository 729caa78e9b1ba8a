import "zone.js";

export { started } from "./angular.js";
