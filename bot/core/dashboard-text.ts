/** Marks the one dashboard issue of a repository; it counts only together with our own authorship. */
export const dashboardMarker = "<!-- sluice:dashboard -->";

/** Finds the dashboard with one request; without it the whole list is read. */
export const dashboardLabel = "sluice-dashboard";

export const dashboardTitle = "Sluice dashboard";

/** What stands there until the first look at the repository is over. */
export function renderFirstDashboard(block: string): string {
  return [
    dashboardMarker,
    "Sluice shows here what runs where, what waits and what is stopped. It is filled in with the next look at this repository.",
    block,
  ].join("\n\n");
}

/** On an issue that two runs opened at the same time. */
export function renderDuplicateDashboard(kept: number): string {
  return `This issue was opened twice by mistake. The dashboard is #${kept}; nothing is read here any more.`;
}
