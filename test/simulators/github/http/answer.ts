/** What a handler answers: JSON in `body`, or other bytes in `raw`. */
export type Answer = {
  status: number;
  body?: unknown;
  raw?: { type: string; data: Buffer };
  headers?: Record<string, string>;
};

export function ok(body: unknown, headers?: Record<string, string>): Answer {
  return headers === undefined ? { status: 200, body } : { status: 200, body, headers };
}

export function created(body: object): Answer {
  // GitHub names the new thing's address, and clients may follow it.
  const url = "url" in body ? body.url : undefined;
  return { status: 201, body, headers: typeof url === "string" ? { location: url } : {} };
}

export function noContent(): Answer {
  return { status: 204 };
}

export type FieldError = {
  resource: string;
  code: string;
  field?: string;
  message?: string;
  value?: unknown;
};

/** A refusal, thrown by whatever finds it and answered in GitHub's form. */
export class ApiError extends Error {
  readonly status: number;
  readonly errors: (FieldError | string)[] | undefined;
  readonly headers: Record<string, string>;
  readonly extra: Record<string, unknown>;

  constructor(
    status: number,
    message: string,
    options: {
      errors?: (FieldError | string)[];
      headers?: Record<string, string>;
      extra?: Record<string, unknown>;
    } = {},
  ) {
    super(message);
    this.status = status;
    this.errors = options.errors;
    this.headers = options.headers ?? {};
    this.extra = options.extra ?? {};
  }

  toAnswer(documentationUrl: string): Answer {
    const errors = this.errors === undefined ? {} : { errors: this.errors };
    const body = {
      message: this.message,
      ...errors,
      documentation_url: documentationUrl,
      status: String(this.status),
      ...this.extra,
    };
    return { status: this.status, body, headers: this.headers };
  }
}

export function notFound(): ApiError {
  return new ApiError(404, "Not Found");
}

export function forbidden(message = "Resource not accessible by integration"): ApiError {
  return new ApiError(403, message);
}

/** 422 with GitHub's list of what is wrong with which field. */
export function validationFailed(...errors: (FieldError | string)[]): ApiError {
  return new ApiError(422, "Validation Failed", { errors });
}

/** 422 with a sentence alone, as the Git data endpoints answer. */
export function unprocessable(message: string): ApiError {
  return new ApiError(422, message);
}
