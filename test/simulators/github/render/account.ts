import type { Account, App, Installation } from "../state/records.ts";
import type { World } from "../state/world.ts";
import { nodeId } from "./node-id.ts";
import type { Schemas } from "./schemas.ts";

export function renderUser(world: World, account: Account): Schemas["simple-user"] {
  const { api, web } = world.urls;
  const login = encodeURIComponent(account.login);
  const url = `${api}/users/${login}`;
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId(
      account.type === "Organization" ? "O" : account.type === "Bot" ? "BOT" : "U",
      account.id,
    ),
    avatar_url: `${web}/avatars/u/${account.id}`,
    gravatar_id: "",
    url,
    html_url:
      account.type === "Bot"
        ? `${web}/apps/${account.login.replace("[bot]", "")}`
        : `${web}/${login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: account.type,
    site_admin: false,
    user_view_type: "public",
  };
}

export function renderUserById(world: World, id: number): Schemas["simple-user"] {
  return renderUser(world, world.tables.accounts.need(id));
}

/** The `organization` of a webhook payload. */
export function renderOrganization(world: World, account: Account): Record<string, unknown> {
  const url = `${world.urls.api}/orgs/${account.login}`;
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId("O", account.id),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${world.urls.web}/avatars/u/${account.id}`,
    description: account.name,
  };
}

/** GitHub's own description of an App in a delivery does not know this event. */
function isDescribed(event: string): boolean {
  return event !== "merge_group";
}

type RenderedApp = NonNullable<Schemas["nullable-integration"]>;

export function renderApp(world: World, app: App): RenderedApp {
  return {
    id: app.id,
    slug: app.slug,
    node_id: nodeId("A", app.id),
    client_id: app.clientId,
    owner: renderUserById(world, app.ownerId),
    name: app.name,
    description: "",
    external_url: `${world.urls.web}/apps/${app.slug}`,
    html_url: `${world.urls.web}/apps/${app.slug}`,
    created_at: app.createdAt,
    updated_at: app.createdAt,
    permissions: app.permissions as RenderedApp["permissions"],
    events: app.events.filter(isDescribed),
  };
}

export function renderAppOrNull(world: World, appId: number | null): RenderedApp | null {
  const app = appId === null ? undefined : world.tables.apps.get(appId);
  return app === undefined ? null : renderApp(world, app);
}

export function renderInstallation(
  world: World,
  installation: Installation,
): Schemas["installation"] {
  const account = world.tables.accounts.need(installation.accountId);
  const app = world.tables.apps.need(installation.appId);
  const url = `${world.urls.api}/app/installations/${installation.id}`;
  return {
    id: installation.id,
    account: renderUser(world, account),
    repository_selection: installation.selection,
    access_tokens_url: `${url}/access_tokens`,
    repositories_url: `${world.urls.api}/installation/repositories`,
    html_url: `${world.urls.web}/organizations/${account.login}/settings/installations/${installation.id}`,
    app_id: app.id,
    client_id: app.clientId,
    app_slug: app.slug,
    target_id: account.id,
    target_type: account.type,
    permissions: installation.permissions as Schemas["app-permissions"],
    events: installation.events.filter(isDescribed),
    created_at: installation.createdAt,
    updated_at: installation.createdAt,
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: null,
    suspended_at: installation.suspendedAt,
  };
}
