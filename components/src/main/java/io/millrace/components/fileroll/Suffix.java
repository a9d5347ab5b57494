/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.fileroll;

/** An extension with the dot that sets it apart. Stateless. */
final class Suffix {
  private Suffix() {}

  static String of(String extension) {
    return extension.isEmpty() ? "" : "." + extension;
  }
}
