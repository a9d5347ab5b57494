/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A durable, checksummed queue of opaque payloads. This package and {@code disk} are public API;
 * {@code format}, {@code ack}, {@code recovery} and {@code segment} are not.
 *
 * <p>On disk: docs/formats/journal-v1.md.
 */
package io.millrace.journal;
