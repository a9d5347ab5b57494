/* SPDX-License-Identifier: Apache-2.0 */
/** What writes events into files. */
package io.millrace.components.serializer;
