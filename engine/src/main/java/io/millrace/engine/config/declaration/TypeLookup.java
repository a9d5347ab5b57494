/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.declaration;

import java.util.Optional;

/** What the word after {@code type =} turned out to be. */
public sealed interface TypeLookup {
  /**
   * A component of this installation.
   *
   * @param remark what a user should know about the word, such as a class name in the wrong case
   */
  record Found(ComponentDeclaration component, Optional<String> remark) implements TypeLookup {}

  /** None, for this reason. */
  record Missing(String message, String remedy) implements TypeLookup {}
}
