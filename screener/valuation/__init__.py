"""The catalogue of metrics: computed, filtered, ranked, and taken together by sector."""
