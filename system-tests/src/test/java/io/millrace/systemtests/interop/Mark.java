/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.interop;

/** What a field of a table can be. */
sealed interface Mark {
  /** Something that a test shows. */
  record Tested(String textWhenPassed) implements Mark {}

  /** Something that the peer does not have. */
  record NotApplicable(String reason) implements Mark {}
}
