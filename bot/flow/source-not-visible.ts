/** Why nothing can be known of a source repository that GitHub does not show to the App. */
export function sourceNotVisible(repository: string): { reason: string; sentence: string } {
  return {
    reason: notVisible,
    sentence: `The App is not installed on ${repository}, or the name is wrong: install it there, or correct \`source.repository\`.`,
  };
}

export const notVisible = "source-not-visible";
