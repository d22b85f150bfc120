//! The pure rules of checkout: money, catalogue, price, plan, decide.
