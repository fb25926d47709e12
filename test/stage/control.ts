/** The control side of a simulator: `POST /_sim/<name>` and `GET /_sim/<name>`. */
export type Control = {
  post<T = unknown>(name: string, body: unknown): Promise<T>;
  get<T = unknown>(name: string): Promise<T>;
};

export function controlAt(url: string): Control {
  const call = async <T>(name: string, init: RequestInit): Promise<T> => {
    const response = await fetch(`${url}/_sim/${name}`, {
      ...init,
      signal: AbortSignal.timeout(60_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${name}: ${response.status} ${text}`);
    return (text === "" ? null : JSON.parse(text)) as T;
  };
  return {
    post: (name, body) =>
      call(name, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    get: (name) => call(name, { method: "GET" }),
  };
}
