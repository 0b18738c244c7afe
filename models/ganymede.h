#pragma once
// The whole public interface; include single headers where compile time matters.
