"""The public page: what a customer or engineer without chat can see and do, by links that only he has."""
