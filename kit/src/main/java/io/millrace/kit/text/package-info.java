/* SPDX-License-Identifier: Apache-2.0 */
/** Lines of text in bytes that arrive in pieces. */
package io.millrace.kit.text;
