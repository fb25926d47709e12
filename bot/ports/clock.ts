/** The one source of time. Tests bring their own. */
export interface Clock {
  now(): Date;
}
