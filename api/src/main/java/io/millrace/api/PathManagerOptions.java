/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/**
 * Options of what names the files of a local store.
 *
 * @since 0.1
 */
public non-sealed interface PathManagerOptions extends ComponentOptions {
  /** A series of file names, each never given before by this series. */
  FileNames build();

  /** Gives file names. Confined to the thread that writes the files. */
  @FunctionalInterface
  interface FileNames {
    String next();
  }
}
