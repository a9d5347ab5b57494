/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.plugin;

/** A class that the agent and a plug-in of the tests both have. */
final class Shadowed {
  private Shadowed() {}
}
