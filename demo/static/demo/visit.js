/**
 * A visit is the time from entering a step to leaving it. What was asked of the server in a visit
 * ends with it: a late answer must not fill the page of the next step, or of the next user.
 */

let visit = new AbortController();

/** Aborted when the step in view is left. */
export const ofThisVisit = () => visit.signal;

export function endVisit() {
  visit.abort();
  visit = new AbortController();
}
