/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.properties;

/** A properties file as it was read. Owns its bytes: they are never changed. */
public record PropertiesText(String name, byte[] bytes) {}
