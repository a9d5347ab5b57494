/* SPDX-License-Identifier: Apache-2.0 */
/** Names of paths, files and topics that are made from an event's headers and time. */
package io.millrace.kit.path;
