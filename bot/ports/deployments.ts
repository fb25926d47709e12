/** GitHub's own record of what was brought where, for its Environments page. */
export interface Deployments {
  /**
   * Creates the deployment of this id, or finds it, and has it say this state. Nothing is written when it says so
   * already.
   */
  report(deployment: {
    /** The commit that brought the artifact. */
    readonly revision: string;
    readonly environment: string;
    /** The last environment: GitHub marks what the users of the software see. */
    readonly production: boolean;
    /** What is brought there: deployments of one task take each other's place on the page. */
    readonly task: string;
    /** Stands in its payload: by that it is found again. */
    readonly id: string;
    readonly description: string;
    /**
     * Null: none is written. GitHub then shows the deployment as pending, and gives it up as abandoned after 30 minutes
     * (`DeploymentState` of its GraphQL schema).
     */
    readonly state: "in_progress" | "success" | "failure" | "error" | "inactive" | null;
  }): Promise<void>;
}
