/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/** What a component is; each kind has type names of its own. */
public enum ComponentKind {
  SOURCE("source"),
  CHANNEL("channel"),
  SINK("sink"),
  INTERCEPTOR("interceptor"),
  SELECTOR("selector"),
  SERIALIZER("serializer"),
  DESERIALIZER("deserializer"),
  HTTP_HANDLER("http handler"),
  PATH_MANAGER("path manager"),
  SINK_PROCESSOR("sink processor"),
  JMS_CONVERTER("JMS converter");

  private final String label;

  ComponentKind(String label) {
    this.label = label;
  }

  /** The word that operators read. */
  public String label() {
    return label;
  }
}
