/* SPDX-License-Identifier: Apache-2.0 */
/** Components that live in directories of their own, loaded only when they are named. */
package io.millrace.engine.plugin;
