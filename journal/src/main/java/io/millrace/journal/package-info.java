/* SPDX-License-Identifier: Apache-2.0 */
/** A durable, checksummed log of opaque payloads. */
package io.millrace.journal;
