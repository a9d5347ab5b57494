/* SPDX-License-Identifier: Apache-2.0 */
/** What sets headers on the way from a source to its channels. */
package io.millrace.components.interceptor;
