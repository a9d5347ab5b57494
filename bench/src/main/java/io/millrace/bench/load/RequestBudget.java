/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.load;

/** How many requests all clients together may still begin. Confined to the load thread. */
final class RequestBudget {
  private long left;

  RequestBudget(long requests) {
    this.left = requests;
  }

  /** Whether one more may begin; it then has to. */
  boolean take() {
    if (left == 0) {
      return false;
    }
    left--;
    return true;
  }

  boolean isSpent() {
    return left == 0;
  }
}
