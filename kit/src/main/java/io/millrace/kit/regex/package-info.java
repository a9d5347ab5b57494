/* SPDX-License-Identifier: Apache-2.0 */
/** Regular expressions of an operator over text of anybody, with a bound to what a match costs. */
package io.millrace.kit.regex;
